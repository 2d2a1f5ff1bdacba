// A host with Newtonsoft.Json 13 and a plug-in with 12, in a context that can be unloaded: the plug-in has its own in the worker too.
using System.Reflection;
using System.Runtime.Loader;
using Kernmantle;

string host = typeof(Newtonsoft.Json.JsonConvert).Assembly.GetName().Version!.ToString();
var context = new ExtensionContext(Path.GetFullPath(args[0]));
Func<string, string> function = context.LoadFromAssemblyPath(Path.GetFullPath(args[0])).GetType("Extension.Entry")!.GetMethod("Version")!.CreateDelegate<Func<string, string>>();
string here = function("words");
await using WorkerPool pool = WorkerPool.Processes(1);
string there = await pool.RunAsync(function, "words");
Console.WriteLine($"host {host}; plug-in here {here}, in the worker {there}");
return host == "13.0.0.0" && here == "12.0.0.0 \"words\"" && here == there ? 0 : 1;

internal sealed class ExtensionContext(string path) : AssemblyLoadContext("extension", isCollectible: true)
{
    private readonly AssemblyDependencyResolver resolver = new(path);

    protected override Assembly? Load(AssemblyName name) => resolver.ResolveAssemblyToPath(name) is { } file ? LoadFromAssemblyPath(file) : null;
}
