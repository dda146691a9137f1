// Package loopback finds places for programs to listen at, on this computer only.
package loopback

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

// FreeAddress returns an address on which nobody listens, such as 127.0.0.1:20345.
// Its port lies below those that systems give to whoever asks for any (from 32768 on
// Linux, from 49152 on Windows and macOS): nobody gets it by chance in the moment
// before the program listens there, and is taken for it. Processes that choose beside
// this one begin elsewhere.
func FreeAddress() (string, error) {
	const first, count = 12000, 20000
	var err error
	for range 1000 {
		port := first + (64*os.Getpid()+int(chosen.Add(1)))%count
		var l net.Listener
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", fmt.Errorf("no free port on 127.0.0.1: %w", err)
}

// chosen counts the ports that FreeAddress has tried.
var chosen atomic.Int32
