"""The import paths of the published `cloudspot-license-api`; all of it is `cloudspot`'s."""
