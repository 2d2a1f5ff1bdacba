namespace Kernmantle.Python.Facades;

/// <summary>Compares a method of a typed face with its function: everything that would fail at the first call, and nothing that might not.</summary>
internal static class SignatureCheck
{
    /// <summary>What the call that asks for the signatures is called.</summary>
    public static string CallName(string face) => $"bind {face}";

    /// <summary>Throws if anything differs: all at once.</summary>
    /// <exception cref="PythonSignatureException">Something does.</exception>
    /// <exception cref="PythonConversionException">The agent did not write this: a program has put itself in its place.</exception>
    public static void Check(string face, string module, IReadOnlyList<PythonMethod> methods, FoundFunction?[]? found)
    {
        if (found is null || found.Length != methods.Count || !Array.TrueForAll(found, static f => f is { IsWhole: true }))
            throw new PythonConversionException($"What the worker says of the module '{module}' does not fit the question.", "", "list", typeof(FoundFunction[]));
        string[] mismatches = [.. methods.Zip(found).SelectMany(static pair => Of(pair.First, pair.Second!).Select(said => $"{pair.First.Name}: {said}"))];
        if (mismatches.Length > 0)
            throw new PythonSignatureException($"{face} does not fit the module '{module}':{string.Concat(mismatches.Select(static m => Environment.NewLine + "- " + m))}", module, mismatches) { CallName = CallName(face) };
    }

    /// <summary>What differs, one text each.</summary>
    public static IEnumerable<string> Of(PythonMethod method, FoundFunction found)
    {
        if (found.Missing is not null)
            return [found.Missing];
        return [.. OfKind(method, found), .. found.Parameters is null ? [] : OfParameters(method, found.Parameters)];
    }

    private static IEnumerable<string> OfKind(PythonMethod method, FoundFunction found)
    {
        if (!method.IsStream)
        {
            if (found.Kind is FoundFunction.Generator or FoundFunction.AsyncGenerator)
                yield return $"'{method.Function}' yields: let the method return IAsyncEnumerable<T>.";
            else if (Annotations.RefuseResult(found.Result, method.Result))
                yield return $"'{method.Function}' returns {Listed(found.Result!)}, which is no {method.Result!.Name}.";
        }
        else if (found.Kind is not (FoundFunction.Generator or FoundFunction.AsyncGenerator) && Annotations.RefuseItems(found.Result))
        {
            yield return $"'{method.Function}' returns {Listed(found.Result!)}, which yields nothing: let the method return Task<T>.";
        }
    }

    private static List<string> OfParameters(PythonMethod method, FoundParameter[] parameters)
    {
        List<string> said = [];
        string signature = $"{method.Function}({string.Join(", ", parameters.Select(Shown))})";
        FoundParameter[] positions = [.. parameters.Where(static p => p.TakesPosition)];
        bool anyPosition = parameters.Any(static p => p.Kind == ParameterKind.AllPositions), anyName = parameters.Any(static p => p.Kind == ParameterKind.AllNames);
        HashSet<FoundParameter> given = [];
        int position = 0;
        foreach (PythonParameter parameter in method.Parameters)
        {
            FoundParameter? named = parameters.FirstOrDefault(p => p.Name == parameter.Name);
            if (parameter.Passing == PythonPassing.Position)
            {
                int at = position++;
                if (at < positions.Length)
                    Give(parameter, positions[at]);
                else if (named is { Kind: ParameterKind.KeywordOnly } && given.Add(named))
                    said.Add($"{signature} takes '{named.Name}' by its name only: give it a default value in the method.");
                else if (!anyPosition)
                    said.Add($"{signature} takes {positions.Length} by position, and '{parameter.Name}' is one more.");
                if (at < positions.Length && positions[at] != named && named is { Kind: ParameterKind.PositionalOrKeyword })
                    said.Add($"{signature} has '{positions[at].Name}' where the method gives '{parameter.Name}'.");
            }
            else if (named is { TakesName: true } && !given.Contains(named))
            {
                Give(parameter, named);
                if (parameter.Passing == PythonPassing.NameUnlessNull && !named.HasDefault)
                    said.Add($"{signature} needs '{named.Name}', which the method leaves out where it is null: take its default value away, or give it another one.");
            }
            else if (named is { Kind: ParameterKind.PositionalOnly } && given.Add(named))
            {
                said.Add($"{signature} takes '{named.Name}' by its position only: take its default value away in the method.");
            }
            else if (named is { TakesPosition: true } or { TakesName: true })
            {
                said.Add($"{signature} gets '{named.Name}' twice, by its position and by its name.");
            }
            else if (!anyName)
            {
                said.Add($"{signature} has no '{parameter.Name}', by whose name the method gives it.");
            }
        }
        said.AddRange(parameters.Where(p => !p.HasDefault && (p.TakesPosition || p.TakesName) && !given.Contains(p)).Select(p => p.Kind == ParameterKind.KeywordOnly
            ? $"{signature} needs '{p.Name}' by its name: the method has no such parameter with a default value."
            : $"{signature} needs '{p.Name}', which the method does not give."));
        return said;

        void Give(PythonParameter parameter, FoundParameter to)
        {
            given.Add(to);
            if (Annotations.RefuseArgument(to.Annotation, parameter.Type))
                said.Add($"{signature} takes {Listed(to.Annotation!)} as '{to.Name}', and the method gives {parameter.Type.Name}.");
        }
    }

    private static string Shown(FoundParameter parameter) => parameter.Kind switch
    {
        ParameterKind.AllPositions => "*" + parameter.Name,
        ParameterKind.AllNames => "**" + parameter.Name,
        _ => parameter.HasDefault ? parameter.Name + "=…" : parameter.Name,
    };

    private static string Listed(string[] classes) => string.Join(" or ", classes.Select(static name => name == "NoneType" ? "None" : name));
}
