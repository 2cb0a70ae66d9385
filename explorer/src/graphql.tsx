/** Show GraphiQL for the service that served this page. */

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import "@graphiql/react/setup-workers/vite";
import { explained, Timeline } from "./explain";
import icon from "./favicon.svg";
import { tabs } from "./tabs";

import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
// Not its style.css, which repeats those above, and Monaco's, with 300 kB of fonts.
import "graphiql/graphiql.css";
import "./graphql.css";

const place = document.getElementById("explorer")!;
const { endpoint, restDocumentation } = place.dataset as { endpoint: string; restDocumentation: string };

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  subscriptionUrl: location.origin.replace(/^http/, "ws") + endpoint,
  enableIncrementalDelivery: false,
});

createRoot(place).render(
  <GraphiQL
    fetcher={explained(fetcher)}
    plugins={[HISTORY_PLUGIN, explorerPlugin()]}
    defaultTabs={tabs}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>
      <img src={icon} alt="" />
      <span>todo_gql</span>
      <a href={restDocumentation}>REST documentation</a>
    </GraphiQL.Logo>
    <GraphiQL.Footer>
      <Timeline />
    </GraphiQL.Footer>
  </GraphiQL>,
);
