export async function handler(): Promise<void> {
  throw new Error('to be written');
}
