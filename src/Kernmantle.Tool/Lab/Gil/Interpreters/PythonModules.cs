namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>The Python code of this folder, which the tool carries.</summary>
internal static class PythonModules
{
    private const string Prefix = "lab/";

    /// <summary>Writes all modules to where pools look for them.</summary>
    public static void Write(string folder)
    {
        foreach (string name in typeof(PythonModules).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream resource = Open(name);
            using FileStream file = File.Create(Path.Combine(folder, name[Prefix.Length..]));
            resource.CopyTo(file);
        }
    }

    /// <summary>The one that imports nothing, as text.</summary>
    public static string Work()
    {
        using StreamReader reader = new(Open(Prefix + "kern_lab_work.py"));
        return reader.ReadToEnd();
    }

    private static Stream Open(string name) =>
        typeof(PythonModules).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is missing from this build.");
}
