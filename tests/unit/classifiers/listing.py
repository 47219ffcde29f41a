"""A program that any model of code knows as such."""

LISTING = """import os

def walk(folder, depth=0):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        print("  " * depth + name)
        if os.path.isdir(path):
            walk(path, depth + 1)

if __name__ == "__main__":
    walk(".")
"""
