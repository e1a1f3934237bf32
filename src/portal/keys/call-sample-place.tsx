/** Where a sample of a call is about to appear. */
export const CallSamplePlace = () => (
  <div className="call-sample" aria-hidden="true">
    <div className="call-sample-head" />
    <div className="call-sample-code" />
  </div>
);
