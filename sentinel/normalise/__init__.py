"""Native columns to ECS columns, by tables.

`batch` adds the columns to a batch, `tables` says which table serves which dataset, `mapping` is the engine; `views`
adds the fields that rules ask for and events hold in another form.
"""
