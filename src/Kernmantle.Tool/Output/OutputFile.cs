using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Output;

/// <summary>A file that a command writes at its end. That it can be written is found out at the beginning, not after minutes of work.</summary>
internal sealed class OutputFile
{
    /// <summary>The name that stands for standard output.</summary>
    public const string StandardOutput = "-";

    private readonly string path;

    private OutputFile(string path) => this.path = path;

    /// <param name="path">Null for no file.</param>
    /// <exception cref="ToolException">It cannot be written.</exception>
    public static OutputFile? Check(string? path)
    {
        if (path is null or StandardOutput)
            return path is null ? null : new(path);
        try
        {
            bool existed = File.Exists(path);
            using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write))
            {
            }
            if (!existed)
                File.Delete(path);
            return new(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException($"'{path}' cannot be written: {e.Message}", "Name a file in a folder that exists and is yours.", inner: e);
        }
    }

    public void Write(string text)
    {
        if (path == StandardOutput)
        {
            Console.Out.Write(text);
            return;
        }
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{path}' could not be written: {e.Message}", "Make room, or name another file.", ExitCodes.Incomplete, e);
        }
    }
}
