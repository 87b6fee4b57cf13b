// Every page of the console, in the order of the navigation. A page is a folder of `pages/`, loaded when it is opened.

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Role } from "../api/session";

/** What a page is given: the values of its address, and the query behind it. */
export type PageProps = { params: Record<string, string>; query: URLSearchParams };

export type PageEntry = {
  /** Its address behind `#/`; `:name` stands for a value. */
  path: string;
  /** The role that it takes to open it. */
  needs: Role;
  component: LazyExoticComponent<ComponentType<PageProps>>;
  /** Where it stands in the navigation; absent for pages that are reached from others. */
  navigation?: { title: string; icon: string };
};

type Module = { default: ComponentType<PageProps> };

function page(
  path: string,
  needs: Role,
  load: () => Promise<Module>,
  navigation?: PageEntry["navigation"],
): PageEntry {
  return { path, needs, component: lazy(load), ...(navigation ? { navigation } : {}) };
}

const notBuilt = () => import("../pages/not_built/page");

export const PAGES: PageEntry[] = [
  page("dashboard", "viewer", notBuilt),
  page("scenarios", "viewer", () => import("../pages/scenarios/list_page"), {
    title: "Scenarios",
    icon: "scenario",
  }),
  page("scenarios/:name", "viewer", () => import("../pages/designer/page")),
  page("runs", "viewer", notBuilt),
  page("runs/:id", "viewer", notBuilt),
  page("accounts", "viewer", () => import("../pages/accounts/list_page"), {
    title: "Integration accounts",
    icon: "account",
  }),
  page("accounts/:id", "viewer", () => import("../pages/accounts/account_page")),
  page("blocks", "viewer", notBuilt),
  page("routes", "viewer", notBuilt),
  page("agent", "viewer", notBuilt),
  page("users", "administrator", notBuilt),
  page("audit", "administrator", notBuilt),
  page("password", "viewer", notBuilt),
];
