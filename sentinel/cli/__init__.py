"""The command line: one file per group of commands.

Each offers `register(app)`, called by `main` after the language is known, so that every help text can be translated.
A command reads its arguments, calls one public function and shows its value. `ctx.obj` holds the flags given to
`sentinel` itself, by the names of the settings: `settings.load({**ctx.obj, "rules": rules})`.
"""
