// Compares a log's proofs, tiles and signed notes with golang.org/x/mod/sumdb: reads claims as JSON, and answers with
// what it finds of each and with proofs and a note of its own.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type inclusion struct {
	Index, Size int64
	Proof       [][]byte
}

type consistency struct {
	From, To int64
	Proof    [][]byte
}

type tile struct {
	Path string
	Data []byte
}

type signed struct {
	Key, Note string
}

type claims struct {
	Leaves      int64
	Inclusion   []inclusion
	Consistency []consistency
	Tiles       []tile
	Notes       []signed
	Sign        string
}

type answers struct {
	Wrong       []string
	Roots       [][]byte
	Inclusion   [][][]byte
	Consistency [][][]byte
	Note        signed
}

// hashes are those of all complete subtrees, in the order in which tlog stores them.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = h[index]
	}
	return found, nil
}

func main() {
	var asked claims
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	var log hashes
	for i := int64(0); i < asked.Leaves; i++ {
		more, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("leaf %d", i)), log)
		check(err)
		log = append(log, more...)
	}
	var answer answers
	wrong := func(format string, args ...any) { answer.Wrong = append(answer.Wrong, fmt.Sprintf(format, args...)) }
	root := func(size int64) tlog.Hash {
		hash, err := tlog.TreeHash(size, log)
		check(err)
		return hash
	}

	for _, claim := range asked.Inclusion {
		leaf := tlog.RecordHash([]byte(fmt.Sprintf("leaf %d", claim.Index)))
		if err := tlog.CheckRecord(toHashes(claim.Proof), claim.Size, root(claim.Size), claim.Index, leaf); err != nil {
			wrong("inclusion of %d in %d: %v", claim.Index, claim.Size, err)
		}
		own, err := tlog.ProveRecord(claim.Size, claim.Index, log)
		check(err)
		hash := root(claim.Size)
		answer.Roots = append(answer.Roots, hash[:])
		answer.Inclusion = append(answer.Inclusion, toBytes(own))
	}
	for _, claim := range asked.Consistency {
		if err := tlog.CheckTree(toHashes(claim.Proof), claim.To, root(claim.To), claim.From, root(claim.From)); err != nil {
			wrong("consistency of %d with %d: %v", claim.From, claim.To, err)
		}
		own, err := tlog.ProveTree(claim.To, claim.From, log)
		check(err)
		answer.Consistency = append(answer.Consistency, toBytes(own))
	}
	for _, claim := range asked.Tiles {
		parsed, err := tlog.ParseTilePath("tile/8/" + claim.Path)
		if err != nil {
			wrong("path of tile %s: %v", claim.Path, err)
			continue
		}
		data, err := tlog.ReadTileData(parsed, log)
		check(err)
		if !bytes.Equal(data, claim.Data) {
			wrong("bytes of tile %s", claim.Path)
		}
	}
	for _, claim := range asked.Notes {
		verifier, err := note.NewVerifier(claim.Key)
		check(err)
		if _, err := note.Open([]byte(claim.Note), note.VerifierList(verifier)); err != nil {
			wrong("note: %v", err)
		}
	}
	secret, public, err := note.GenerateKey(rand.Reader, "go.example/log")
	check(err)
	signer, err := note.NewSigner(secret)
	check(err)
	text, err := note.Sign(&note.Note{Text: asked.Sign}, signer)
	check(err)
	answer.Note = signed{public, string(text)}
	check(json.NewEncoder(os.Stdout).Encode(answer))
}

func toHashes(list [][]byte) []tlog.Hash {
	hashes := make([]tlog.Hash, len(list))
	for i, hash := range list {
		copy(hashes[i][:], hash)
	}
	return hashes
}

func toBytes(list []tlog.Hash) [][]byte {
	found := make([][]byte, len(list))
	for i := range list {
		found[i] = list[i][:]
	}
	return found
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
