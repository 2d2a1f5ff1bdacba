using System.Reflection;
using System.Runtime.Loader;

namespace Kernmantle.Tool.Subjects;

/// <summary>
/// The user's program, loaded beside this one with its own dependencies. What this program itself has in at least the wanted version is
/// shared: worker processes decide in the same way.
/// </summary>
internal sealed class SubjectContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private readonly AssemblyDependencyResolver resolver = new(path);

    /// <exception cref="BadImageFormatException">The file is not a .NET assembly.</exception>
    public static Assembly Load(string path) => new SubjectContext(path).LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (FromProgram(assemblyName) is { } shared)
            return shared;
        string? file = resolver.ResolveAssemblyToPath(assemblyName);
        if (file is null && string.IsNullOrEmpty(assemblyName.CultureName))
            file = Path.Combine(Path.GetDirectoryName(path)!, $"{assemblyName.Name}.dll");
        return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : 0;

    private static Assembly? FromProgram(AssemblyName wanted)
    {
        try
        {
            Assembly found = Default.LoadFromAssemblyName(new AssemblyName { Name = wanted.Name, CultureName = wanted.CultureName });
            return wanted.Version is null || found.GetName().Version >= wanted.Version ? found : null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException)
        {
            return null;   // the usual case: it is the user's own
        }
    }
}
