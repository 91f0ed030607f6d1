module remotego.test/ticker

go 1.24
