"""Says which of the files given do not parse."""
import ast
import sys

failed = False
for file in sys.argv[1:]:
    try:
        with open(file, encoding="utf-8") as source:
            ast.parse(source.read(), file)
    except SyntaxError as error:
        print(f"{file}:{error.lineno}: {error.msg}")
        failed = True
sys.exit(1 if failed else 0)
