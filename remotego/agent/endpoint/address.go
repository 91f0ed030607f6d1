package endpoint

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"syscall"
)

// parse reads "192.0.2.1:22" or "[2001:db8::1]:22". Package netip would do it for 70 kB more.
func parse(text string) (syscall.Sockaddr, error) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return nil, fmt.Errorf("%s: ADDRESS:PORT is wanted", text)
	}
	port, err := strconv.ParseUint(text[at+1:], 10, 16)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("%s: a port from 1 to 65535 is wanted last", text)
	}
	host := text[:at]
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		raw, err := parse6(strings.TrimSuffix(inner, "]"))
		return &syscall.SockaddrInet6{Port: int(port), Addr: raw}, err
	}
	raw, err := parse4(host)
	return &syscall.SockaddrInet4{Port: int(port), Addr: raw}, err
}

func parse4(text string) (raw [4]byte, err error) {
	parts := strings.Split(text, ".")
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 8)
		if len(parts) != len(raw) || err != nil {
			return raw, fmt.Errorf("%s is not an IPv4 address", text)
		}
		raw[i] = byte(number)
	}
	return raw, nil
}

// parse6 takes no dotted end and no zone (RFC 4291, 2.2; 4007, 11): nobody configures a host so.
func parse6(text string) (raw [16]byte, err error) {
	front, back, gap := strings.Cut(text, "::")
	head, err := words(front)
	if err != nil {
		return raw, err
	}
	tail, err := words(back)
	if err != nil {
		return raw, err
	}
	if size := len(head) + len(tail); size > len(raw) || !gap && size != len(raw) || gap && size == len(raw) {
		return raw, fmt.Errorf("%s is not an IPv6 address", text)
	}
	copy(raw[:], head)
	copy(raw[len(raw)-len(tail):], tail)
	return raw, nil
}

func words(text string) (raw []byte, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ":") {
		number, err := strconv.ParseUint(word, 16, 16)
		if err != nil {
			return nil, fmt.Errorf("%s is not part of an IPv6 address", text)
		}
		raw = binary.BigEndian.AppendUint16(raw, uint16(number))
	}
	return raw, nil
}
