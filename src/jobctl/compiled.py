"""Nothing: what `keeping` writes has the name that Python would give to this module, compiled.

Whoever uninstalls a package takes that away as well; under any other name it would stay, and `import jobctl` with it.
"""
