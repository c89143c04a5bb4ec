import com.sun.source.util.JavacTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Says which of the files given do not parse. */
public class Parse {
    public static void main(String[] files) throws Exception {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<JavaFileObject> sources = new ArrayList<>();
        for (String file : files) {
            String text = Files.readString(Path.of(file));
            sources.add(new SimpleJavaFileObject(Path.of(file).toUri(), JavaFileObject.Kind.SOURCE) {
                @Override
                public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                    return text;
                }
            });
        }
        ((JavacTask) ToolProvider.getSystemJavaCompiler().getTask(null, null, found, null, null, sources)).parse();
        found.getDiagnostics().forEach((fault) ->
            System.out.println(fault.getSource().toUri().getPath() + ":" + fault.getLineNumber() + ": " + fault.getMessage(null)));
        System.exit(found.getDiagnostics().isEmpty() ? 0 : 1);
    }
}
