// The program of this directory's README in Go, for Go's own GOOS=wasip1.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Println("hello from go")
	fmt.Println(strings.Join(os.Args[1:], "|"))
	fmt.Println(os.Getenv("NAME"))
	text, err := os.ReadFile("/in")
	if err == nil {
		fmt.Println(string(text))
		err = os.WriteFile("/out", text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Goroutines and the clock come with the language's own scheduler.
	done := make(chan string)
	go func() { done <- "bye" }()
	fmt.Fprintln(os.Stderr, <-done)
	os.Exit(7)
}
