module remotego/goproxyd

go 1.25.0

require (
	github.com/goproxy/goproxy v0.26.1
	github.com/hashicorp/yamux v0.1.2
)

require (
	github.com/aofei/backoff v1.2.0 // indirect
	golang.org/x/mod v0.40.0 // indirect
)
