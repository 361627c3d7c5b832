import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/**
 * One OpenSearch node: Launcher MODULE[,MODULE...] SETTING=VALUE...
 *
 * It lives until its standard input ends, that is until whoever started it closes the pipe or dies: no node is left
 * behind by a test run that was killed.
 *
 * A plain Node passes by the checks of the server's own main class (no root, no Java agent, no folder of modules), which
 * a node on loopback that lives for a test run has no use for.
 */
final class Launcher {
    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        List<Class<? extends Plugin>> modules = new ArrayList<>();
        for (String name : arguments[0].split(",")) {
            modules.add(Class.forName(name).asSubclass(Plugin.class));
        }
        Settings.Builder settings = Settings.builder();
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        Node node = new OpenSearchRunnerNode(
            InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> "node"), modules);
        node.start();
        while (System.in.read() >= 0) {
            // nobody writes; only the end matters
        }
        node.close();
        System.exit(0);
    }
}
