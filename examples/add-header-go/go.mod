module example.com/add-header-go

go 1.24
