"""The objects of the documented API: views of the records in `cloudspot.records`, mutable and with plain values."""
