// Judges checkpoints and proofs by the packages that check Go's own log of checksums.
//
//	transparency VKEY PROOF EARLIER       a proof that a log only grew since a checkpoint
//	transparency VKEY PROOF RECORD        a proof of a record, which is given in hexadecimal
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func hashes(lines []string) []tlog.Hash {
	var found []tlog.Hash
	for _, line := range lines {
		found = append(found, must(tlog.ParseHash(line)))
	}
	return found
}

func head(content []byte, vkey string) (int64, tlog.Hash) {
	verifier := must(note.NewVerifier(vkey))
	opened := must(note.Open(content, note.VerifierList(verifier)))
	lines := strings.Split(opened.Text, "\n")
	return must(strconv.ParseInt(lines[1], 10, 64)), hashes(lines[2:3])[0]
}

func number(line, word string) int64 {
	return must(strconv.ParseInt(strings.TrimPrefix(line, word+" "), 10, 64))
}

func main() {
	log.SetFlags(0)
	vkey, content := os.Args[1], must(os.ReadFile(os.Args[2]))
	before, checkpoint, _ := bytes.Cut(content, []byte("\n\n"))
	lines := strings.Split(string(before), "\n")
	size, root := head(checkpoint, vkey)
	if strings.HasPrefix(lines[0], "old ") {
		earlier, earlierRoot := head(must(os.ReadFile(os.Args[3])), vkey)
		if earlier != number(lines[0], "old") {
			log.Fatal("another checkpoint")
		}
		if err := tlog.CheckTree(hashes(lines[1:]), size, root, earlier, earlierRoot); err != nil {
			log.Fatal(err)
		}
		fmt.Println("consistency", earlier, size)
		return
	}
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatal("no proof")
	}
	must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	index := number(lines[2], "index")
	leaf := tlog.RecordHash(must(hex.DecodeString(os.Args[3])))
	if err := tlog.CheckRecord(hashes(lines[3:]), size, root, index, leaf); err != nil {
		log.Fatal(err)
	}
	fmt.Println("inclusion", index, size)
}
