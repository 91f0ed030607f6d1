module remotego/agent

go 1.21
