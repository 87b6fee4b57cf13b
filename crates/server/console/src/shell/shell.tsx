// The frame around every page: navigation, who is signed in, and the page itself.

import { Suspense, useEffect, useRef, useState } from "react";
import type { Session } from "../api/session";
import { may } from "../api/session";
import icon from "../icon.svg";
import { IconButton } from "../ui/button";
import { cx } from "../ui/class_names";
import { Icon } from "../ui/icons";
import { Empty, Loading, Page } from "../ui/page";
import { Boundary } from "./boundary";
import { Foot } from "./foot";
import { PAGES } from "./pages";
import { go, type Location, matched, useLocation } from "./router";
import styles from "./shell.module.css";

export function Shell({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const location = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A new page begins at its top, for the eye and for readers of screens.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what is waited for
  useEffect(() => {
    setOpen(false);
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    scrollTo(0, 0);
  }, [location.path]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, []);
  return (
    <div className={cx(styles.shell, open && styles.open)}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className={styles.bar}>
        <Brand />
        <IconButton
          label={open ? "Close navigation" : "Open navigation"}
          icon="menu"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
      </header>
      {open && (
        <button
          type="button"
          tabIndex={-1}
          aria-label="Close navigation"
          className={styles.veil}
          onClick={() => setOpen(false)}
        />
      )}
      <nav className={styles.side} aria-label="Console">
        <Brand />
        <Places session={session} path={location.path} />
        <Foot session={session} onSignOut={onSignOut} />
      </nav>
      <main className={styles.main} ref={main} tabIndex={-1}>
        <Boundary key={location.path}>
          <Suspense fallback={<Loading />}>
            <Current session={session} location={location} />
          </Suspense>
        </Boundary>
      </main>
    </div>
  );
}

function Brand() {
  return (
    <a className={styles.brand} href="#/">
      <img src={icon} alt="" />
      Patchcord
    </a>
  );
}

function Places({ session, path }: { session: Session; path: string }) {
  const shown = PAGES.filter((page) => page.navigation && may(session.user.role, page.needs));
  return (
    <ul className={styles.list}>
      {shown.map((page) => (
        <li key={page.path}>
          <a
            href={`#/${page.path}`}
            aria-current={path.split("/")[0] === page.path ? "page" : undefined}
          >
            <Icon name={page.navigation?.icon ?? ""} />
            {page.navigation?.title}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Current({ session, location }: { session: Session; location: Location }) {
  const home = PAGES.find((page) => page.navigation && may(session.user.role, page.needs));
  const isHome = location.path === "";
  useEffect(() => {
    if (isHome && home) go(`#/${home.path}`);
  }, [isHome, home]);
  if (isHome && home) return <Loading />;
  for (const page of PAGES) {
    const params = matched(page.path, location.path);
    if (!params) continue;
    if (!may(session.user.role, page.needs)) return <Refused needed={page.needs} />;
    const Content = page.component;
    return <Content key={location.path} params={params} query={location.query} />;
  }
  return (
    <Page title="No such page">
      <Empty icon="search" title="There is nothing at this address">
        The link may be old, or what it led to has been removed. The navigation shows what there is.
      </Empty>
    </Page>
  );
}

function Refused({ needed }: { needed: string }) {
  return (
    <Page title="Not for your role">
      <Empty icon="shield" title={`This page is for the role ${needed}`}>
        An administrator can give you that role under Users and tokens.
      </Empty>
    </Page>
  );
}
