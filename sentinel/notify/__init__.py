"""Telling people of alerts, never as a storm: webhook, mail, syslog."""
