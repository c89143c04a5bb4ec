import { App } from 'aws-cdk-lib';
import { BooksByChangesStack } from './books-by-changes-stack';
import { BooksStack } from './books-stack';

const app = new App();
new BooksStack(app, 'Books');
new BooksByChangesStack(app, 'BooksByChanges');
