"""What became of certificates: revocation lists, answers of OCSP, and the server that gives them."""
