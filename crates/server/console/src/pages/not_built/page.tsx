// Stands at an address whose page is still to be built. Nothing leads here.

import { Empty, Page } from "../../ui/page";

export default function NotBuilt() {
  return (
    <Page title="Not built yet">
      <Empty icon="note" title="This page is not there yet">
        What it will show can be had with the command patchcord and the HTTP API today.
      </Empty>
    </Page>
  );
}
