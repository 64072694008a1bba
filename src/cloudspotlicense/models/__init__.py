"""The objects that the License server's answers are read as."""
