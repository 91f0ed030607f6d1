module example.com/hello

go 1.17

require example.com/word v0.1.0

replace example.com/word => ./word
