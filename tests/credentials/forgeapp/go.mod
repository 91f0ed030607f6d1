module forge

go 1.21
