module languages

go 1.21
