/** To be filled. */
export default function View() {
  return <h1>analytics</h1>;
}
