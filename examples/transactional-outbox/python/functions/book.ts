export interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
}
