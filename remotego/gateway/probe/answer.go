package probe

// Answer is what one request has brought. Status is 0 where there is no answer of HTTP. Error says why there is none,
// or no whole one, by one of the codes of PROTOCOL.md, with Text in the words of the library. Times are in seconds
// since the start of what they are about; 0 stands for what was not needed or not reached.
type Answer struct {
	Proxy     string   `json:"proxy"`
	Request   string   `json:"request"`
	Status    int      `json:"status"`
	Type      string   `json:"type,omitempty"`
	Body      []byte   `json:"body,omitempty"`
	Truncated bool     `json:"truncated,omitempty"`
	Hops      []string `json:"hops,omitempty"`
	Location  string   `json:"location,omitempty"`
	Error     string   `json:"error,omitempty"`
	Text      string   `json:"text,omitempty"`
	Via       string   `json:"via,omitempty"`
	Times     Times    `json:"times"`
}

// Times of one request, in seconds: to resolve the name, to connect, for TLS, from the request to the first byte of
// its answer, and all in all.
type Times struct {
	Resolve   float64 `json:"resolve_s"`
	Connect   float64 `json:"connect_s"`
	TLS       float64 `json:"tls_s"`
	FirstByte float64 `json:"first_byte_s"`
	Total     float64 `json:"total_s"`
}

// Network is what this machine has of networks: addresses beyond loopback and link-local ones.
type Network struct {
	Addresses int `json:"addresses"`
}
