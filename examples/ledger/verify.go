// SPDX-License-Identifier: Apache-2.0

// Verifies a log with the log code of the Go command: go run verify.go FOLDER VKEY_FILE
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// files reads tiles; ours have a height of 8, which their paths do not say.
type files string

func (files) Height() int                     { return 8 }
func (files) SaveTiles([]tlog.Tile, [][]byte) {}
func (dir files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		found[i] = dir.read(strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
	}
	return found, nil
}

func (dir files) read(path string) []byte {
	data, err := os.ReadFile(filepath.Join(string(dir), path))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	dir := files(os.Args[1])
	vkey, err := os.ReadFile(os.Args[2])
	check(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	check(err)
	opened, err := note.Open(dir.read("checkpoint"), note.VerifierList(verifier))
	check(err)
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		log.Fatalf("the checkpoint is of another log: %s", origin)
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	check(err)

	// The reader compares every tile with the root, so what it gives is what was signed.
	hashes := tlog.TileHashReader(tree, dir)
	for first := int64(0); first < tree.N; first += 256 {
		width := min(256, tree.N-first)
		path := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(width)}.Path()
		bundle := bytes.NewReader(dir.read(strings.Replace(path, "tile/8/0/", "tile/entries/", 1)))
		for index := first; index < first+width; index++ {
			var length uint16
			check(binary.Read(bundle, binary.BigEndian, &length))
			entry := make([]byte, length)
			check(binary.Read(bundle, binary.BigEndian, entry))
			leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			check(err)
			if leaf[0] != tlog.RecordHash(entry) {
				log.Fatalf("entry %d is not the one that was signed", index)
			}
		}
		if bundle.Len() > 0 {
			log.Fatalf("after entry %d stands something that is none", first+width-1)
		}
	}
	fmt.Printf("%s: %d entries are those that were signed\n", origin, tree.N)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
