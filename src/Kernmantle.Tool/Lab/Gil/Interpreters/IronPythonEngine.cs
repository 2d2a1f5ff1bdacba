using System.Reflection;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>IronPython, by its members' names: the tool has no reference to its package, which is not on every feed.</summary>
internal sealed class IronPythonEngine : IScopeEngine<IronPythonEngine>
{
    /// <summary>Names the folder of its assemblies, as for samples/IronPython.</summary>
    public const string Variable = "IRONPYTHON_DLLS";

    private const string File = "IronPython.dll";

    private readonly dynamic engine;

    private IronPythonEngine(Assembly assembly)
    {
        MethodInfo create = assembly.GetType("IronPython.Hosting.Python", throwOnError: true)!.GetMethod("CreateEngine", Type.EmptyTypes)!;
        engine = create.Invoke(null, null)!;
        Version = assembly.GetName().Version!.ToString(3);
    }

    public string Version { get; }

    public static IronPythonEngine Start(string folder)
    {
        string file = Path.GetFullPath(Path.Combine(folder, File));
        return System.IO.File.Exists(file)
            ? new(Assembly.LoadFrom(file))
            : throw new Running.UnavailableException($"there is no {File} in '{folder}', which {Variable} names");
    }

    public object Open(string source)
    {
        dynamic scope = engine.CreateScope();
        engine.Execute(source, scope);
        return scope;
    }

    public TDelegate Function<TDelegate>(object scope, string name)
        where TDelegate : Delegate => ((dynamic)scope).GetVariable<TDelegate>(name);
}
