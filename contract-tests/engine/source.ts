/** Where a promise of a public page comes from. */
export interface Source {
  /** Address of the page. */
  page: string;
  /** Its words. */
  quote: string;
}
