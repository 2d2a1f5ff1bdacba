namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>A Python that runs within .NET, in the process that started it.</summary>
internal interface IScopeEngine<TSelf>
    where TSelf : IScopeEngine<TSelf>
{
    string Version { get; }

    /// <param name="folder">Where its assemblies are.</param>
    /// <exception cref="UnavailableException">They are not there.</exception>
    static abstract TSelf Start(string folder);

    /// <summary>Executes source text in a scope of its own.</summary>
    object Open(string source);

    /// <summary>A function of a scope.</summary>
    TDelegate Function<TDelegate>(object scope, string name)
        where TDelegate : Delegate;
}
