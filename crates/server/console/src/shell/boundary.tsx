// A page that breaks does not take the console with it.

import { Component, type ReactNode } from "react";
import { Empty, Page } from "../ui/page";

export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Page title="This page is broken">
        <Empty icon="warning" title="Something went wrong in this page">
          Reload the console. If Patchcord was updated meanwhile, that brings the page of the new
          version.
        </Empty>
      </Page>
    );
  }
}
