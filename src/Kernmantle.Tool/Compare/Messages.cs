using Kernmantle.Python;

namespace Kernmantle.Tool.Compare;

/// <summary>Failures in one line.</summary>
internal static class Messages
{
    private const int MaxLetters = 200;

    public static string Of(Exception failure)
    {
        string type = failure switch
        {
            RemoteException remote => remote.TypeName[(remote.TypeName.LastIndexOf('.') + 1)..],
            PythonException python => python.TypeName,
            _ => failure.GetType().Name,
        };
        string line = failure.Message.Split('\n', 2)[0].Trim();
        if (line.Length > MaxLetters)
            line = line[..MaxLetters] + "…";
        return line.Contains(type, StringComparison.Ordinal) ? line : $"{type}: {line}";
    }
}
