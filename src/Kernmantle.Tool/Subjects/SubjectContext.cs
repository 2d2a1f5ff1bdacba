using System.Reflection;
using System.Runtime.Loader;

namespace Kernmantle.Tool.Subjects;

/// <summary>The user's assembly and what stands beside it, apart from this program's own. What both have (this library, the framework) is this program's.</summary>
internal sealed class SubjectContext(string path) : AssemblyLoadContext($"subject {Path.GetFileName(path)}")
{
    private readonly AssemblyDependencyResolver resolver = new(path);

    /// <exception cref="BadImageFormatException">The file is no managed assembly.</exception>
    public static Assembly Load(string path) => new SubjectContext(path).LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name != typeof(WorkerPool).Assembly.GetName().Name && resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
