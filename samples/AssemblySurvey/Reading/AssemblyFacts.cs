namespace AssemblySurvey.Reading;

/// <summary>What the survey knows of one file: what a worker sends back.</summary>
/// <param name="IsManaged">False for a well-formed native library; then everything else is empty.</param>
/// <param name="Types">Rows of the type definition table (the pseudo type <c>&lt;Module&gt;</c> is one of them).</param>
/// <param name="Methods">Rows of the method definition table.</param>
/// <param name="IlBytes">Length of the IL code of all method bodies, without their headers and exception tables.</param>
/// <param name="Largest">The methods with the most IL, largest first, at most <see cref="LargestMethods.Kept"/>.</param>
internal sealed record AssemblyFacts(
    bool IsManaged,
    string AssemblyName,
    int Types,
    int Methods,
    long IlBytes,
    MethodSize[] Largest)
{
    public static AssemblyFacts Native { get; } = new(false, "", 0, 0, 0, []);
}

/// <summary>A method by its full name, with the length of its IL code in bytes.</summary>
internal sealed record MethodSize(string Name, string Assembly, int IlBytes);
