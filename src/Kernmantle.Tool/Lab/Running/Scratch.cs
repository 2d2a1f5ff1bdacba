namespace Kernmantle.Tool.Lab.Running;

/// <summary>A folder for pipes, sockets and files of one experiment, removed at its end.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-");

    public string Folder => folder.FullName;

    public string Path(string name) => global::System.IO.Path.Combine(folder.FullName, name);

    public void Dispose() => folder.Delete(recursive: true);
}
