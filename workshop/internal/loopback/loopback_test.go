package loopback

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFreeAddress: nobody listens there, and the next one is another.
func TestFreeAddress(t *testing.T) {
	taken := map[string]bool{}
	for range 100 {
		address, err := FreeAddress()
		require.NoError(t, err)
		assert.False(t, taken[address], address)
		taken[address] = true
		l, err := net.Listen("tcp", address)
		require.NoError(t, err)
		defer l.Close()
	}
}
