module remotego/gateway

go 1.21
