package check

import (
	crand "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
)

// random is where all values come from that no program shall know beforehand: names,
// passwords, secrets, ids.
var random = newGenerator(randomSeed())

// A generator makes random values of a seed: the same values of the same seed, as far as the
// checks ask for them in the same order.
type generator struct {
	seed uint64
	mu   sync.Mutex
	rand *rand.Rand
}

// newGenerator returns a generator of this seed.
func newGenerator(seed uint64) *generator {
	return &generator{seed: seed, rand: rand.New(rand.NewPCG(seed, 0))}
}

// randomSeed returns a seed that nobody knows.
func randomSeed() uint64 {
	var b [8]byte
	crand.Read(b[:6]) // a number that can still be typed
	return 1 + binary.LittleEndian.Uint64(b[:])
}

// intN returns a number from 0 to n-1.
func (s *generator) intN(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rand.IntN(n)
}

// read fills b.
func (s *generator) read(b []byte) {
	for i := range b {
		b[i] = byte(s.intN(256))
	}
}

// RandomText returns n random bytes as 2n hexadecimal digits.
func RandomText(n int) string {
	b := make([]byte, n)
	random.read(b)
	return hex.EncodeToString(b)
}

// RandomPassword returns a password of 10 to 19 characters that has no shape by which a
// program could know it.
func RandomPassword() string {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:+*/?,;"
	password := make([]byte, 10+random.intN(10))
	for i := range password {
		password[i] = characters[random.intN(len(characters))]
	}
	password[0] = characters[random.intN(26)] // in capitals it is another one
	return string(password)
}

// RareText returns n random characters that stand together in no other text: three of them in
// a row are a part of this one.
func RareText(n int) string {
	const rare = "^~|@#!;="
	b := make([]byte, n)
	for i := range b {
		for b[i] == 0 || i > 0 && b[i] == b[i-1] { // a line of equal ones is an ornament
			b[i] = rare[random.intN(len(rare))]
		}
	}
	return string(b)
}
