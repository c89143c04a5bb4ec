from aws_cdk import App

from books_by_changes_stack import BooksByChangesStack
from books_stack import BooksStack

app = App()
BooksStack(app, "Books")
BooksByChangesStack(app, "BooksByChanges")
app.synth()
