import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { SopInboxController } from "./inbox_controller";
import { SopInboxModel } from "./inbox_model";
import { SopInboxRenderer } from "./inbox_renderer";

registry.category("views").add("sop_inbox", {
    ...kanbanView,
    Controller: SopInboxController,
    Model: SopInboxModel,
    Renderer: SopInboxRenderer,
});
