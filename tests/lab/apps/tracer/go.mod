module remotego.test/tracer

go 1.24
