namespace PlugIn.Contract;

/// <summary>What the host knows of its plug-ins. Both sides share this assembly and nothing else.</summary>
public interface ITextPlugIn
{
    /// <summary>Returns the text, changed.</summary>
    string Transform(string text);

    /// <summary>How often <see cref="Transform"/> was called: the state that lives in the worker.</summary>
    int Calls { get; }
}
